"""Packaging, read from settings.ini alone."""
import sys
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=["="])
parser.read(here / "settings.ini", encoding="utf-8")
cfg = parser["DEFAULT"]
package = cfg["lib_path"]


def words(key):
    "The entries of `key`, separated by white space."
    return cfg.get(key, "").split()


ending = "_requirements"
extras = {key.removesuffix(ending): words(key) for key in cfg if key.endswith(ending)}
extras["dev"] = sorted({need for needs in extras.values() for need in needs})

packages, package_dir = find_packages(include=[package, f"{package}.*"]), {}
if "editable_wheel" in sys.argv:  # `pip install -e .`: whoever has the checkout can make the site
    packages.append("btl_site")
    package_dir = {"": ".", "btl_site": ".ci/btl_site"}

setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=cfg["author"],
    author_email=cfg["author_email"],
    url=cfg["git_url"],
    keywords=cfg["keywords"],
    license="Apache-2.0",
    python_requires=f">={cfg['min_python']}",
    packages=packages,
    package_dir=package_dir,
    package_data={package: ["assets/**/*"]},
    install_requires=words("requirements"),
    extras_require=extras,
    entry_points={
        "console_scripts": words("console_scripts"),
        "nbdev": [f"{package}={package}._modidx:d"],
    },
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Processing",
    ],
    zip_safe=False,
)
