"""make_seeds.py FOLDER: small good inputs that the fuzzers start from, one folder a target."""

import pathlib
import struct
import subprocess
import sys
import zipfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"


def gguf(folder):
    for name, options in (("f32", ["--type=f32"]), ("q4_1", ["--type=q4_1", "--untied"]), ("q8_0", ["--type=q8_0", "--biases"])):
        subprocess.run([sys.executable, str(TOOLS / "make-tiny-gguf"), str(folder / name), "--layers=1", "--hidden=32", "--heads=2",
                        "--kv-heads=1", "--feed-forward=32", "--merges=3", *options], check=True)
    (folder / "empty").write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, 0))


def artifact(folder):
    members = {"code/x86-64-v3.so": b"\x7fELF" + bytes(200), "manifest.json": b"{}", "weights/packed.bin": bytes(range(256))}
    for name, alignment in (("plain", 1), ("aligned", 4096)):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_STORED) as archive:
            for member, content in members.items():
                info = zipfile.ZipInfo(member)
                used = archive.fp.tell() + 30 + len(member)
                padding = -used % alignment
                if 0 < padding < 4:
                    padding += alignment
                if padding:
                    info.extra = struct.pack("<HH", 0x4E54, padding - 4) + bytes(padding - 4)
                archive.writestr(info, content)


def template(folder):
    inputs = TOOLS.parents[1] / "test/runtime/text/Inputs"
    for number, line in enumerate((inputs / "expressions.txt").read_text().splitlines()):
        (folder / f"expression-{number}").write_text(line.replace("␤", "\n"))
    for path in (inputs / "templates").glob("*.jinja"):
        (folder / path.stem).write_bytes(path.read_bytes())


def main():
    for make in (gguf, artifact, template):
        folder = pathlib.Path(sys.argv[1]) / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)


if __name__ == "__main__":
    main()
