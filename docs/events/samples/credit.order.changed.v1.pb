ev-2erp.example"C-1001(юл╣ЧЛ─⌠╡L
ORDER-1хпр нкт	(экт	0:NET30B	Йкт	хпHPZreasonБ1000Йa remark