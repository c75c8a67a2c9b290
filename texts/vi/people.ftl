# Người: vì sao hai hồ sơ có thể là một.

people-reason-same-document = cùng số giấy tờ
people-reason-near-document = giấy tờ khác một số
people-reason-same-name = cùng họ tên
people-reason-same-name-without-marks = cùng tên không dấu
people-reason-name-order = tên đảo thứ tự
people-reason-name-short = tên viết tắt
people-reason-name-error = tên gõ sai
people-reason-name-part = tên thiếu chữ
people-reason-same-birth-day = cùng ngày sinh
people-reason-day-month-swapped = đảo ngày và tháng sinh
people-reason-near-birth = ngày sinh gần giống
people-reason-same-birth-year = cùng năm sinh
people-reason-same-phone = cùng số điện thoại
people-reason-near-phone = điện thoại khác một số
people-reason-same-household = cùng hộ
people-reason-same-address = cùng địa chỉ
people-reason-same-commune = cùng xã
people-reason-other-name = tên khác
people-reason-other-marks = dấu khác
people-reason-other-birth = ngày sinh khác
people-reason-other-sex = giới khác
people-reason-other-document = giấy tờ khác
