# Trang mở đầu của bản trình diễn
demo-title = Vùng Lam: công văn 3583 bên trái, con số sống bên phải
demo-heading = Công văn 3583/UBND-⁠KT, chạy được
demo-lead = Một tỉnh tưởng tượng. Mỗi điện thoại chạy đúng phần mềm thật, trên một đồng hồ đi nhanh. Bấm vào con số để xem nó từ đâu ra.
banner = Dữ liệu mô phỏng
banner-text = Không có người thật nào ở đây. Mọi con số đến từ tỉnh tưởng tượng này.
clock = { $date }, { $time }
clock-rate = nhanh gấp { $rate } lần
connection-lost = Mất liên lạc với bản trình diễn, đang thử lại

# Điện thoại
phones-heading = Ba điện thoại
phones-show = Xem điện thoại
phone-frame = Điện thoại của { $name }
phone-rang = đã báo: tiếp xúc gần ngày { $day }
phone-quiet = chưa có thông báo
phone-shared = đã chia sẻ khoá
phone-opening = đang mở
desk-open = Bàn cán bộ y tế
desk-open-as = vào với vai truy vết viên

# Vai ở bàn cán bộ
roles-heading = Vào bàn cán bộ với vai
roles-more = Mỗi vai thấy gì, không thấy gì; đăng nhập bằng tay
roles-note = Mỗi nút mở bàn cán bộ ở thẻ mới, đã đăng nhập sẵn. Một trình duyệt giữ một vai: bấm vai khác thì các thẻ đang mở cũng đổi vai. Đồng hồ đi nhanh nên phiên hết hạn sau { $minutes } phút không bấm; bấm lại nút là vào tiếp.
roles-by-hand = Muốn tự đăng nhập: mật khẩu của bản trình diễn, chung cho mọi tài khoản, là
roles-role = Vai
roles-sees = Thấy
roles-hides = Không thấy
roles-login = Tên đăng nhập
roles-code = Mã lúc này
role-administrator = Quản trị
role-administrator-sees = tài khoản, vai và đơn vị của cán bộ
role-administrator-hides = hồ sơ người dân: không một ca, không một tên
role-tracer = Truy vết viên
role-tracer-sees = ca bệnh, người tiếp xúc, hàng đợi gọi của TP Mỹ Tho, có tên và số điện thoại
role-tracer-hides = huyện khác: như thể không có
role-team-lead = Trưởng nhóm
role-team-lead-sees = mọi huyện trong tỉnh; duyệt việc xuất dữ liệu
role-team-lead-hides = không duyệt được việc do chính mình xin
role-epidemiologist = Dịch tễ
role-epidemiologist-sees = ca bệnh và chuỗi lây của cả tỉnh
role-epidemiologist-hides = tên người: chỉ mở từng người, phải nêu lý do, có ghi lại
role-auditor = Kiểm tra viên
role-auditor-sees = ai đã xem, lúc nào, để làm gì
role-auditor-hides = người được xem là ai; mọi ca bệnh
role-commune = Xã
role-commune-sees = người tiếp xúc của Phường 5, cả người gọi không được
role-commune-hides = xã, phường khác
role-team-lead-2 = Trưởng nhóm 2
role-team-lead-2-sees = như trưởng nhóm: là người thứ hai để duyệt
role-team-lead-2-hides = không duyệt được việc do chính mình xin
role-leadership = Lãnh đạo
role-leadership-sees = chỉ số đã gộp của tỉnh
role-leadership-hides = ca bệnh, người tiếp xúc, tên người

# Câu chuyện
case-press = Nam dương tính
case-confirming = Đang xác nhận ở bàn cán bộ…
case-start-text = Cán bộ xác nhận ca bệnh ở bàn và đọc mã cho Nam. Nam tự bấm chia sẻ trên máy mình.
case-code = Mã đọc cho Nam
case-code-until = có hiệu lực đến { $time }
case-to-phone = Đưa mã vào máy Nam
case-do = Chia sẻ giúp Nam
case-new = Mã mới
case-open = Mở hồ sơ của Nam
case-failed = Chưa xác nhận được: { $why }
step-confirmed = Ca được xác nhận
step-shared = Nam chia sẻ khoá
step-exported = Tệp khoá được công bố
step-rang = Máy khác tự nhận ra
step-rang-count = { $count ->
   *[other] { $count } máy đã báo
}
step-waiting = chưa
step-after = Tệp khoá chỉ được công bố khi khoá đã hết hiệu lực 2 giờ. Đồng hồ đi nhanh, xin chờ một chút.

# Công văn
letter-heading = Công văn yêu cầu gì
letter-source = Tóm tắt bằng lời của chúng tôi
not-yet = chưa có: việc sau
metric-open = Xem nguồn gốc của số này
metric-definition = Định nghĩa
metric-numerator = Tử số
metric-denominator = Mẫu số
metric-value = Giá trị
metric-source = Nguồn
metric-time = Lúc
metric-suppressed = được che
clause-preamble = Mở đầu
clause-preamble-text = Mới khoảng 16 % dân số cài ứng dụng, đứng thứ 43 trên 63 tỉnh, thành; chưa đủ để truy vết.
clause-1 = 1. Cơ quan nhà nước
clause-1-text = Cán bộ cài ứng dụng, khai báo, quét mã khi ra vào; hướng dẫn người dân đến giao dịch.
clause-2 = 2. Trường học
clause-2-text = Học sinh, sinh viên có điện thoại thì cài, và hướng dẫn người nhà.
clause-3 = 3. Khu công nghiệp
clause-3-text = Công nhân cài và khai báo hằng ngày; ban quản lý kiểm tra định kỳ.
clause-4 = 4. Nhà hàng, khách sạn, du lịch
clause-4-text = Khuyến cáo khách đến và lưu trú cài ứng dụng, khai báo.
clause-5 = 5. Giao thông
clause-5-text = Dán hướng dẫn ở bến xe, phương tiện, wifi công cộng; hành khách vào tỉnh nhận ngay thông báo.
clause-6 = 6. Viễn thông và truy vết
clause-6-text = Doanh nghiệp viễn thông phối hợp truy vết người tiếp xúc gần; theo dõi việc thực hiện công văn.
clause-7 = 7. Mặt trận và đoàn thể
clause-7-text = Vận động, hỗ trợ đoàn viên, hội viên và người dân cài đặt.
clause-8 = 8. Báo, đài
clause-8-text = Tiếp tục đưa tin, hướng dẫn cài đặt và sử dụng.
clause-9 = 9. Huyện, xã
clause-9-text = Triển khai xuống mọi cơ quan cấp huyện, xã, tới từng hộ gia đình.
clause-closing = Kết
clause-closing-text = Khó khăn thì phản hồi để tổng hợp, báo cáo khi vượt thẩm quyền.
clause-purpose = Mục đích
clause-purpose-text = Phát hiện tiếp xúc gần; truy vết, khoanh vùng, dập dịch nhanh chóng.

# Máy chủ biết gì
knowledge-heading = Máy chủ biết gì về Lan?
knowledge-lead = Tìm mọi mã và khoá của Lan, cả họ tên và số điện thoại, trong từng bảng của mọi cơ sở dữ liệu. Để chắc rằng phép tìm có tìm được, cũng tìm các khoá Nam đã chia sẻ.
knowledge-search = Tìm
knowledge-again = Tìm lại
knowledge-searching = Đang tìm…
knowledge-nothing = Không tìm thấy gì của { $name }
knowledge-found = { $count ->
   *[other] Tìm thấy { $count } dòng của { $name }
}
knowledge-vault = Cơ quan y tế có biết { $name }, vì { $name } từng là người tiếp xúc của một ca trước. Trong kho là một hồ sơ niêm phong { $bytes } byte và { $contacts } dòng mang mã giả danh: không có khoá thì không đọc ra tên hay số điện thoại.
knowledge-vault-none = Cơ quan y tế chưa có hồ sơ nào của { $name }.
knowledge-control = Đối chứng: { $name }
knowledge-control-empty = Đối chứng chưa tìm thấy gì: { $name } chưa chia sẻ, hoặc khoá chưa tới. Cho đến lúc đó phép tìm chưa chứng minh được gì.
knowledge-needles = Tìm: { $list }
knowledge-needle = { $count } { $what }
knowledge-side = Phía
knowledge-keys = khoá
knowledge-authority = cơ quan y tế
knowledge-keyring = sổ khoá
knowledge-table = Bảng
knowledge-query = Câu hỏi
knowledge-rows = Số dòng
knowledge-hits = Tìm thấy
knowledge-failed = Chưa tìm được: { $why }

# Tỷ lệ cài đặt
adoption-heading = Từ 16 % lên 60 % thì được gì?
adoption-lead = Phát lại một ngày ở nhà máy tưởng tượng với mỗi tỷ lệ người dùng ứng dụng, bằng đúng phần mềm của máy. Tỷ lệ càng cao càng lâu.
adoption-slider = Tỷ lệ người dùng
adoption-run = Tính ở { $percent } %
adoption-all = Tính 16, 30, 45, 60 %
adoption-running = Đang chạy { $percent } %: { $done } trên { $total }
adoption-given = Người bệnh có ứng dụng: phần người tiếp xúc được báo
adoption-pairs = Mọi người bệnh: phần người tiếp xúc được báo
adoption-p = p: mong đợi khi người bệnh có ứng dụng
adoption-p2 = p²: mong đợi khi tính mọi cặp
adoption-axis = Tỷ lệ người dùng ứng dụng
adoption-axis-y = Người tiếp xúc được báo
adoption-interval = Vạch đứng là khoảng tin cậy 95 %.
adoption-chart = Biểu đồ phần người tiếp xúc được báo theo tỷ lệ người dùng
adoption-table-percent = Tỷ lệ
adoption-empty = Chưa chạy lần nào. Hãy kéo thanh trượt rồi bấm tính.
adoption-of = { $share } ({ $found } trên { $of })
adoption-recording = Phát lại: { $name }. { $people } người, mỗi điểm { $seeds } lần chọn ngẫu nhiên ai có ứng dụng.
adoption-failed = Chưa tính được: { $why }
doors-heading = Quét mã ở cửa
doors-lead = Đăng ký một điểm trong một phút, in áp phích, quét bằng điện thoại của bạn hoặc nhập mã vào điện thoại mô phỏng.
doors-gate = Cổng của một xưởng may
doors-register = Mở trang chủ điểm
doors-places = Điểm quét mã trong tỉnh mô phỏng
doors-no-places = Chưa có điểm nào.
doors-messages = Tin nhắn đến điện thoại mô phỏng
doors-no-messages = Chưa có tin nhắn.
