"""The command line in this process."""

import pytest

from segregate.cli import main


@pytest.fixture
def cli(capsys):
    """Run the command line in this process and return (exit code, stdout, stderr)."""

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else code), out, err

    return call
