ev-71erp.example"C-1001(ÀÌµşì€“Ú
$ÎËÔ	ÜËÔ	reasonâ1000êa remark