ev-67erp.example"C-1001(ΐΜµώμ€“Ί
'
TEMPORARY-1reasonβ1000κa remark