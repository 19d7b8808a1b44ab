"""``python -m iamaudit``."""

from iamaudit.cli import main

if __name__ == "__main__":
    main()
