"""Names of system calls for the filter, by what becomes of them. Names an architecture lacks are passed over."""

from __future__ import annotations

ALLOWED = tuple(
    """
    read write readv writev pread64 pwrite64 preadv pwritev lseek sendfile copy_file_range
    creat close close_range dup dup2 dup3 fsync fdatasync sync_file_range
    ftruncate fallocate stat fstat lstat newfstatat statx statfs fstatfs access
    faccessat faccessat2 getdents getdents64 getcwd chdir fchdir readlink readlinkat umask
    getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr rename renameat renameat2
    mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat mmap
    munmap mprotect mremap madvise mlock mlock2 munlock msync brk membarrier get_mempolicy set_mempolicy
    mbind pkey_alloc pkey_free pkey_mprotect getpid getppid gettid getuid geteuid getgid getegid getresuid
    getresgid getgroups getpgrp getpgid getsid capget getrlimit setrlimit getrusage sysinfo uname times getcpu
    getpriority sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min sched_rr_get_interval futex futex_waitv set_robust_list rseq set_tid_address exit
    exit_group arch_prctl restart_syscall rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending
    rt_sigtimedwait sigaltstack pause clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time
    timer_create timer_settime timer_gettime timer_delete timer_getoverrun setitimer getitimer alarm
    timerfd_create timerfd_settime timerfd_gettime poll ppoll select pselect6 epoll_create epoll_create1
    epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 pipe pipe2 signalfd signalfd4 wait4 waitid
    getrandom recvfrom sendto shutdown getsockopt getsockname getpeername
    """.split()
)

PRETENDED = tuple(
    """
    chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat
    fadvise64 readahead sync syncfs
    """.split()
)
"""Answered with success, and not done: Landlock knows nothing of a file's rights and times, also of files outside.
An error would break shutil.copy, tarfile and others that set them in passing. The others are advice about what is kept
in memory of files, which all submissions share, or make everybody wait for the disk."""

WITHOUT_FLAGS = {"preadv2": 5, "pwritev2": 5}
"""With which argument the flags are, of which none may be set: one of them tells what is kept in memory of a file."""

OPENS = {"open": 1, "openat": 2}
"""With which argument the flags are. What opens by other calls (openat2) could not be looked into."""

_O_WRONLY, _O_RDWR, _O_NEITHER, _O_TRUNC = 1, 2, 3, 0o1000
OPEN_MASK = _O_NEITHER | _O_TRUNC
OPEN_FLAGS = (0, _O_WRONLY, _O_RDWR, _O_WRONLY | _O_TRUNC, _O_RDWR | _O_TRUNC)
OPEN_REFUSED = (_O_TRUNC, _O_NEITHER, _O_NEITHER | _O_TRUNC)
"""To empty a file without opening it for writing: before Linux 6.2 Landlock does not see it."""

FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 36, 37, 38, 1025, 1030, 1032, 1034)
"""Duplicates, flags, locks, sizes of pipes; of owners, signals, leases and seals what only reads."""

FCNTL_REFUSED = (8, 10, 15, 1024, 1026)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: they make the kernel send signals, to others too."""

ABOUT_A_PROCESS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64")
"""Allowed where the first argument is the caller's own pid."""

ABOUT_THIS_PROCESS = ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")
"""Allowed where the first argument is 0, which means the caller; another number may be the judge's."""

REFUSED = tuple(
    """
    fork vfork execve execveat unshare setns mount umount2 pivot_root chroot fsopen fsmount move_mount open_tree
    socket socketpair bind connect listen accept accept4 sendmsg sendmmsg recvmsg recvmmsg setsockopt
    memfd_create memfd_secret userfaultfd ptrace process_vm_readv process_vm_writev process_madvise kcmp
    pidfd_open pidfd_getfd pidfd_send_signal tkill keyctl add_key request_key shmget shmat shmctl shmdt semget
    semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify
    mq_getsetattr bpf perf_event_open seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset setsid setpgid
    setpriority ioprio_set chown fchown lchown fchownat mknod mknodat setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr name_to_handle_at open_by_handle_at fanotify_init fanotify_mark inotify_init
    inotify_init1 reboot swapon swapoff init_module finit_module delete_module kexec_load sethostname
    setdomainname settimeofday clock_settime clock_adjtime adjtimex acct quotactl syslog personality vhangup
    nfsservctl lookup_dcookie truncate
    """.split()
)
"""Answered with EPERM, which Python shows as PermissionError. Everything else, io_uring too, gets ENOSYS."""

AF_UNIX, SEQPACKET_CLOEXEC = 1, 0x80005
FOR_CUDA = ("bind", "listen")
"""CUDA does not start without a socket of that kind, bound to a name of its own. Nobody can reach it: `connect` is
refused to all, and what is sent through a socket of that kind without being connected goes nowhere."""

MFD_NOEXEC_SEAL = 8
"""CUDA's drivers of 2025 keep memory in nameless files; those that can never be executed are let through for it."""

_PR_GET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME, _PR_GET_SECCOMP, _PR_CAPBSET_READ = 3, 15, 16, 21, 23
_PR_GET_NO_NEW_PRIVS, _PR_GET_THP_DISABLE, _PR_SET_VMA = 39, 42, 0x53564D41
PRCTL_OPTIONS = (
    _PR_GET_DUMPABLE,
    _PR_SET_NAME,
    _PR_GET_NAME,
    _PR_GET_SECCOMP,
    _PR_CAPBSET_READ,
    _PR_GET_NO_NEW_PRIVS,
    _PR_GET_THP_DISABLE,
    _PR_SET_VMA,
)
"""What prctl may do: name a thread, and read. Never dumpable again, never free of the parent's death signal."""

IOCTL_REQUESTS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what isatty and non-blocking reads need."""

IOCTL_OF_SOCKETS = 0x8000
"""A bit that no request to a graphics card has, and those that set a socket's owner (0x8901, 0x8902) have."""
