demo-title = Vùng Lam
