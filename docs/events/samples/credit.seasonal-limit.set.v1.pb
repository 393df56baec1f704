ev-68erp.example"C-1001(ΐΜµώμ€“Β
$
SEASON-1ΫΫ β1000κa remark