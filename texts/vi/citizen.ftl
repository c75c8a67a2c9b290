# Mở ứng dụng
opening = Đang mở…
insecure-title = Cần kết nối an toàn
insecure-text = Ứng dụng chỉ giữ dữ liệu của anh/chị khi trang được mở bằng https. Hãy mở lại bằng địa chỉ bắt đầu bằng https.
elsewhere-title = Ứng dụng đang mở ở cửa sổ khác
elsewhere-text = Chỉ một cửa sổ được giữ sổ ghi của máy này. Hãy đóng cửa sổ kia rồi thử lại.
failed-title = Chưa mở được
failed-offline = Lần mở đầu tiên cần có mạng để nhận khoá công khai của cơ quan y tế.
failed-text = Máy này không đọc được sổ ghi của mình. Không có gì bị gửi đi.
failed-details = Chi tiết kỹ thuật
update-ready = Đã có bản mới.
update-apply = Dùng bản mới

# Điều hướng
nav-label = Chính
nav-home = Trang chính
nav-code = Nhập mã
nav-stored = Trên máy này

# Chào và đồng ý
welcome-title = Biết mình có ở gần ca bệnh hay không, mà không ai biết mình đã ở đâu
welcome-lead = Máy của anh/chị tự ghi, tự so và tự báo.
welcome-keeps = Ở lại trên máy
welcome-keeps-text = Những mã ngẫu nhiên máy phát ra và nghe được, trong 14 ngày. Không tên, không số điện thoại, không vị trí.
welcome-fetches = Máy tải về
welcome-fetches-text = Danh sách công khai các mã của người đã xác nhận dương tính. Việc so mã diễn ra ngay trên máy.
welcome-sends = Chỉ rời máy khi anh/chị bấm gửi
welcome-sends-text = Nếu dương tính, cán bộ y tế đọc cho anh/chị một mã. Anh/chị chọn ngày và tự bấm chia sẻ.
welcome-padding = Thỉnh thoảng máy gửi đi một gói tin rỗng, để người theo dõi đường truyền không biết ai đang thật sự chia sẻ.
welcome-consent = Tôi đồng ý để máy này ghi các mã ngẫu nhiên và báo cho tôi khi có tiếp xúc gần. Tôi có thể tạm dừng hoặc xoá hết bất cứ lúc nào.
welcome-start = Bắt đầu
welcome-needs-consent = Hãy đánh dấu đồng ý trước. Chưa đồng ý thì máy chưa ghi gì.
about-title = Ứng dụng làm gì
about-link = Ứng dụng làm gì và không làm gì
about-agreed = Anh/chị đã đồng ý ngày { $date }.

# Trang chính
home-clear = Chưa có thông báo tiếp xúc gần
home-clear-demo = { $name } chưa có thông báo tiếp xúc gần
home-exposed = Anh/chị đã ở gần ca bệnh ngày { $day }
home-exposed-demo = { $name } đã ở gần ca bệnh ngày { $day }
home-exposed-sub = Tổng cộng { $minutes } phút trong ngày. Mở thông báo để biết nên làm gì.
home-clear-sub = Máy này đã so các mã nó nghe được trong 14 ngày với danh sách công khai, ngay tại đây.
home-never-checked = Máy này chưa so với danh sách công khai lần nào.
home-paused-sub = Đang tạm dừng: máy không phát và không nghe mã nào.
home-checked = Đã so lúc { $time }
home-checked-on = Đã so { $time }, { $date }
home-not-checked = Chưa so lần nào
home-check-now = So ngay
home-checking = Đang so…
home-offline = Không có mạng
home-open-notice = Xem thông báo
home-notice-card = Tiếp xúc gần ngày { $day }
home-notice-card-sub = { $minutes } phút · việc nên làm
home-withdrawn = Đã rút thông báo ngày { $day }
home-withdrawn-sub = Kết quả xét nghiệm được sửa lại: anh/chị không phải người tiếp xúc.
home-older = Các thông báo khác
home-positive = Có kết quả dương tính?
home-positive-sub = Nhập mã cán bộ y tế đọc cho anh/chị
home-enter = Nhập mã
home-upload-running = Đang gửi các mã đã chọn
home-upload-running-sub = Sẽ gửi tiếp khi có mạng, kể cả khi đóng ứng dụng rồi mở lại.
home-upload-show = Xem
home-upload-done = Đã chia sẻ, cảm ơn anh/chị
home-upload-refused = Chưa chia sẻ được
home-stored = Máy này giữ gì
home-stored-sub = Xem, tải về hoặc xoá hết
radio-title = Bluetooth
radio-none = Trình duyệt không phát được Bluetooth
radio-none-text = Trang web không được phép phát và nghe mã ở nền. Ở đây anh/chị vẫn nhập mã, chia sẻ, xem thông báo và dữ liệu; còn việc ghi tiếp xúc cần ứng dụng cài trên điện thoại.
radio-simulated = Sóng mô phỏng
radio-heard = { $count ->
   *[other] Hôm nay { $shown } lần nghe thấy mã
}
radio-silent = Hôm nay chưa nghe được mã nào
radio-lost = Mất liên lạc với sóng mô phỏng, đang thử lại
radio-paused = Đang tạm dừng
radio-pause = Tạm dừng
radio-resume = Bật lại

# Nhập mã và chia sẻ
share-title = Chia sẻ để báo người đã ở gần
share-step = Bước { $step } trên 3
share-code-label = Mã cán bộ y tế đọc cho anh/chị
share-code-help = 8 ký tự, có hiệu lực 15 phút. Mã không có số 0, 1 và các chữ O, I, L.
share-code-from-link = Mã đã được điền từ đường dẫn anh/chị mở.
share-hint-sign = Mã không bao giờ có ký tự “{ $sign }”. Hãy xem lại.
share-hint-check = Có một ký tự sai hoặc hai ký tự đổi chỗ. Hãy kiểm tra lại mã.
share-hint-long = Mã chỉ có 8 ký tự (hoặc 16 nếu đến từ đường dẫn).
share-hint-good = Mã đúng dạng
share-next = Tiếp tục
share-days-title = Chọn những ngày muốn chia sẻ
share-days-lead = Mỗi ngày máy dùng một khoá riêng. Chia sẻ khoá của ngày nào thì người ở gần anh/chị ngày đó được báo. Một ngày tính từ 7 giờ sáng đến 7 giờ sáng hôm sau.
share-days-none = Máy này chưa có khoá nào để chia sẻ: nó chưa phát mã nào trong 14 ngày qua.
share-days-all = Chọn tất cả
share-days-nothing = Bỏ chọn tất cả
share-days-count = { $count ->
   *[other] Đã chọn { $count } ngày
}
share-day-today = hôm nay: khoá chỉ được công bố sau khi ngày này hết, cộng thêm 2 giờ
share-day-infectious = từ 2 ngày trước khi phát bệnh: có thể lây
share-day-before = trước khi có thể lây: thường không tính
share-day-unknown = chưa biết ngày phát bệnh: được tính
share-onset-label = Ngày bắt đầu có triệu chứng (không bắt buộc)
share-onset-help = Viết ngày/tháng/năm, ví dụ { $example }. Bỏ trống nếu không có triệu chứng hay không muốn nói.
share-onset-bad = Ngày này không đọc được. Hãy viết ngày/tháng/năm.
share-onset-future = Ngày này ở tương lai, hoặc đã quá 28 ngày.
share-confirm-title = Gửi những gì
share-confirm-keys = Khoá ngẫu nhiên của { $count } ngày
share-confirm-keys-text = Chúng được công bố để máy người khác tự so. Trong đó không có tên, số điện thoại hay nơi chốn.
share-confirm-onset = Ngày bắt đầu có triệu chứng: { $date }
share-confirm-onset-none = Không gửi ngày phát bệnh
share-confirm-code = Mã { $code }, dùng được một lần
share-confirm-not = Không gửi: anh/chị là ai, đã ở gần ai, máy nghe được gì.
share-confirm-final = Đã công bố thì không thu hồi được.
share-send = Chia sẻ
share-progress-title = Đang gửi
share-progress-text = Anh/chị có thể đóng ứng dụng. Lần mở sau nó gửi tiếp từ chỗ đang dở.
share-progress-waiting = Chưa có mạng: sẽ gửi tiếp khi nối lại được.
share-stage-verifying = Kiểm tra mã
share-stage-certifying = Nhận giấy xác nhận cho đúng những khoá này
share-stage-publishing = Gửi khoá
share-done-title = Đã chia sẻ
share-done-text = Trong vài giờ tới, máy của những người đã ở gần sẽ tự nhận ra. Không ai biết người đó là anh/chị.
share-done-accepted = { $count ->
   *[other] { $count } khoá được nhận
}
share-done-dropped = Một số khoá không được nhận, theo quy tắc { $rules }.
share-done-arrived = Hệ thống báo đã nhận từ lần gửi trước.
share-refused-title = Chưa chia sẻ được
share-refused-code = Mã này đã dùng, đã hết hạn hoặc không có. Hãy xin cán bộ y tế mã mới.
share-refused-many = Đã thử quá nhiều lần. Hãy chờ ít phút rồi xin mã mới.
share-refused-other = Hệ thống không nhận. Hãy xin cán bộ y tế mã mới và thử lại.
share-again = Nhập mã khác
share-busy = Một lần chia sẻ khác chưa xong.
share-finish = Về trang chính

# Thông báo tiếp xúc
notice-title = Anh/chị đã ở gần người dương tính
notice-day = Ngày { $day }
notice-minutes = Tổng cộng { $minutes } phút
notice-private = Chỉ máy này biết. Chưa ai được báo về anh/chị.
notice-withdrawn-title = Thông báo này đã được rút lại
notice-withdrawn-text = Kết quả xét nghiệm hoặc quy tắc đã được sửa. Anh/chị không cần làm gì vì thông báo này.
notice-do = Việc nên làm
notice-do-1 = Ở nhà, tránh gặp người khác, đeo khẩu trang khi có người ở cùng.
notice-do-2 = Gọi trạm y tế xã, phường để được hướng dẫn xét nghiệm. Nói rằng ứng dụng báo tiếp xúc gần ngày { $day }.
notice-do-3 = Nếu sốt, ho, khó thở hoặc mất vị giác: gọi ngay, đừng tự đến nơi đông người.
notice-call = Gọi { $name }
notice-why = Vì sao?
notice-why-sub = Từng lần máy nghe thấy, số phút và quy tắc
why-title = Vì sao có thông báo này
why-lead = Ngày { $day }, máy này đã nghe những mã mà sau đó được công bố là của người dương tính.
why-rule = Quy tắc: từ { $threshold } phút trong một ngày
why-rule-text = Công văn 11042/BYT-DP của Bộ Y tế: tiếp xúc gần là ở trong vòng 2 mét từ 15 phút trở lên. Máy đo độ suy giảm sóng thay cho khoảng cách.
why-total = { $minutes } phút, ngưỡng là { $threshold }
why-below = { $minutes } phút, dưới ngưỡng { $threshold }: không có thông báo
why-chart = Biểu đồ các lần nghe: bề rộng là thời gian, chiều cao là sóng mạnh hay yếu
why-near = gần, tính đủ
why-medium = vừa, tính một phần
why-far = xa, không tính
why-window = Lần gặp { $number }
why-window-sum = { $scans ->
   *[other] { $scans } lần quét · { $minutes } phút được tính
}
why-table-scan = Lần quét
why-table-time = Thời gian
why-table-attenuation = Suy giảm
why-table-weight = Hệ số
why-table-minutes = Phút
why-weights = Hệ số loại xét nghiệm { $report }, hệ số ngày lây { $infectious }
why-nobody = Máy không biết người đó là ai và gặp lúc mấy giờ: khoá công bố không cho biết điều đó.
why-wrong = Thông báo có thể sai
why-wrong-text = Sóng Bluetooth đi qua vách mỏng và yếu đi trong túi, nên có lần báo dù ngồi cách vách, có lần không báo dù ngồi gần. Số liệu đo tại địa phương này chưa có.
why-wrong-measured = Khi chạy lại { $recording } với nhịp quét như máy này: cứ 100 thông báo thì { $wrong } là thừa, và cứ 100 người tiếp xúc thì { $missed } không được báo. Đó là sai số do quét thưa; vách và túi làm sai thêm.
why-none = Không có gì để giải thích cho ngày này.

# Máy này giữ gì
stored-title = Máy này giữ gì
stored-lead = Tất cả ở trên máy này, được mã hoá, và tự xoá sau { $days } ngày.
stored-total = { $shown } mục, { $size } kB
stored-sightings = Lần nghe thấy mã
stored-sightings-text = mã ngẫu nhiên của máy khác, kèm sóng mạnh yếu
stored-identity = Khoá của máy này
stored-identity-text = mỗi ngày một khoá; từ đó sinh ra mã máy phát đi
stored-exposures = Lần ở gần ca bệnh
stored-exposures-text = tính được từ mã đã nghe và danh sách công khai
stored-notices = Thông báo
stored-notices-text = những thông báo máy đã hiện cho anh/chị
stored-imports = Khoá công khai đã so
stored-imports-text = để không so lại, và để mã phát lại về sau không đánh lừa được
stored-state = Trạng thái của ứng dụng
stored-state-text = thời điểm so gần nhất, cấu hình có chữ ký, việc đang gửi
stored-nothing = không có gì
stored-by-day = Theo ngày
stored-day = Ngày
stored-count = Số mục
stored-no-day = không theo ngày
stored-export = Tải về tệp JSON
stored-export-warning = Tệp có khoá bí mật của máy này. Ai có tệp có thể nhận ra máy này đã được nghe thấy ở đâu.
stored-delete = Xoá hết
stored-dialog-title = Xoá hết dữ liệu trên máy này?
stored-dialog-1 = Các mã đã nghe mất hẳn: nếu sau này có người dương tính, máy không còn gì để so và không báo được.
stored-dialog-2 = Các khoá mất hẳn: anh/chị không chia sẻ được những ngày đã qua.
stored-dialog-3 = Những gì đã chia sẻ trước đây thì không rút lại được.
stored-dialog-demo = Điện thoại mô phỏng này bắt đầu lại với sổ trống.
stored-dialog-confirm = Xoá hết
stored-deleted = Đã xoá hết.
