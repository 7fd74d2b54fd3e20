# The grader with everything that it needs: Python, the frameworks, the data, this course with its hidden tests.
#   docker build -t cnn-autograder .        or: make image
# docs/container.md says how to run it, what can be chosen with --build-arg, and what each layer costs.
ARG BASE_IMAGE=debian:bookworm-slim

# --- what the finished image has of Debian ---------------------------------------------------------------------------
FROM ${BASE_IMAGE} AS debian
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3 libseccomp2 bubblewrap tzdata dataset-fashion-mnist \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
    && echo 'grader:x:1000:1000:grader:/tmp:/usr/sbin/nologin' >>/etc/passwd \
    && echo 'grader:x:1000:' >>/etc/group

# --- what is put together: the frameworks, made anew only where two files change; the data; the course ---------------
FROM debian AS builder
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv ca-certificates
RUN python3 -m venv /opt/tools && python3 -m venv --without-pip /opt/venv \
    && /opt/tools/bin/pip install --quiet --no-cache-dir --upgrade pip
# Which extras of pyproject.toml, and where pip looks for wheels beside PyPI: PyTorch's CPU builds have their own index.
ARG EXTRAS=grade,torch,tensorflow
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_FIND_LINKS
WORKDIR /build
COPY pyproject.toml constraints.txt ./
RUN mkdir autograder exercises && touch README.md LICENSE && echo '__version__ = "0"' >autograder/__init__.py \
    && /opt/tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir -c constraints.txt ".[$EXTRAS]" \
    && /opt/tools/bin/pip --python /opt/venv/bin/python uninstall --yes --quiet cnn-autograder
# What no grading needs and nothing imports, 0.8 GB: headers of C++, static libraries, test suites, compilers and a browser.
RUN cd /opt/venv/lib/python3.11/site-packages \
    && rm -rf torch/include torch/test torch/share torch/bin/protoc* torch/bin/*test* tensorflow/include \
        clang/native pandas/tests pyarrow/include playwright/driver \
    && find . -name '*.a' -delete

# The data. Photographs where the network allows, else drawn hands: either way ready, so that grading writes nothing.
COPY autograder/__init__.py autograder/errors.py autograder/training.py autograder/
COPY autograder/datasets autograder/datasets
RUN prepare='from autograder.datasets import sign_language_digits as digits; print(digits.prepare().path)' \
    && export XDG_CACHE_HOME=/tmp/cache \
    && made=$(/opt/venv/bin/python -c "$prepare" || SIGN_DIGITS_ARCHIVE=rendered /opt/venv/bin/python -c "$prepare") \
    && mv "$made" /data \
    && chmod -R u=rwX,go=rX /data

# This package, and its course.
COPY . .
RUN /opt/tools/bin/pip --python /opt/venv/bin/python install --quiet --no-cache-dir --no-deps --no-warn-script-location \
        --root /made . \
    && mkdir -p /made/course \
    && cp -r exercises solutions tests grading_config.yaml /made/course \
    && chmod -R u=rwX,go=rX /made

# --- the image -------------------------------------------------------------------------------------------------------
FROM debian
# Any user id works: nobody's home but /tmp, nothing of the image is ever written.
ENV PATH=/opt/venv/bin:/usr/bin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    SIGN_DIGITS_ARCHIVE=/usr/share/datasets/sign-language-digits \
    container=oci
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /data /usr/share/datasets/sign-language-digits
COPY --from=builder /made /
WORKDIR /course
USER 1000:1000
ENTRYPOINT ["/opt/venv/bin/python", "-P", "-m", "autograder.cli.container"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cnn-autograder" \
      org.opencontainers.image.description="Grades a class's deep-learning notebooks, each in a sandbox of its own" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
