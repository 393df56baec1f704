ev-69erp.example"C-1001(ΐΜµώμ€“Κ

SEASON-1β1000κa remark