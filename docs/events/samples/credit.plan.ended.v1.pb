ev-37erp.example"C-1001(ΐΜµώμ€“Κ
PLAN-1β1000κa remark