"""What workpapers say of answers that are newer than the credential report, which may be four hours old."""

LATER_USE = (
    "Where AWS was asked for the last use of each key (`access_keys_last_used.json`), a `LastUsedDate` after "
    "that of the report counts, with its `ServiceName`."
)
LATER_LOGIN = (
    "A password that was set before the collection began is gone when AWS, asked later, knows no login "
    "profile of the user (`login_profiles.json`)."
)
