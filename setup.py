"""Finds the packages. The configs stand in conf/ and are installed as recframe.conf, which pyproject.toml has no way to
say without a list of all packages."""

from setuptools import find_namespace_packages, find_packages, setup

CONF = "recframe.conf"

setup(
    packages=[
        *find_packages(include=["recframe", "recframe.*"]),
        CONF,
        *(f"{CONF}.{name}" for name in find_namespace_packages("conf")),
    ],
    package_dir={CONF: "conf"},
)
