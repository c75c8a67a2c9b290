# Khoá để người dân xem ai đã xem hồ sơ của mình.

record-key = Khoá xem hồ sơ cho người dân
record-key-lead = Với đường dẫn này, người dân thấy ai đã xem hồ sơ của mình: lúc nào, vai trò nào, để làm gì. Không thấy tên cán bộ. Khoá cũ, nếu có, ngừng hoạt động.
record-key-once = Đường dẫn chỉ hiện một lần. Gửi tin nhắn đến đúng số điện thoại của người này; ai có đường dẫn đều xem được danh sách.
record-key-link = Đường dẫn
record-key-sms = Tin nhắn
record-key-message = Co quan y te: xem ai da xem ho so cua ban tai { $link }
record-key-qr = Mã QR của đường dẫn
record-key-until = Có tác dụng đến { $date }.
