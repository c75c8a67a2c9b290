# People: why two records may be one.

people-reason-same-document = same document
people-reason-near-document = document but for one digit
people-reason-same-name = same name
people-reason-same-name-without-marks = same name without marks
people-reason-name-order = name in another order
people-reason-name-short = name abbreviated
people-reason-name-error = name mistyped
people-reason-name-part = part of the name
people-reason-same-birth-day = same birth day
people-reason-day-month-swapped = day and month swapped
people-reason-near-birth = nearly the same birth
people-reason-same-birth-year = same birth year
people-reason-same-phone = same telephone
people-reason-near-phone = telephone but for one digit
people-reason-same-household = same household
people-reason-same-address = same address
people-reason-same-commune = same commune
people-reason-other-name = another name
people-reason-other-marks = other marks
people-reason-other-birth = another birth
people-reason-other-sex = another sex
people-reason-other-document = another document
