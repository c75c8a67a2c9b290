# Dùng chung cho mọi trang
app-name = Vùng Lam
switch-language = Chuyển sang tiếng Anh
back = Quay lại
close = Đóng
cancel = Thôi
retry = Thử lại
simulated = Dữ liệu mô phỏng
minutes = { $minutes } phút
