ev-24erp.example"C-1001(ΐΜµώμ€“β$
ACCEPTANCE-1β1000κa remark