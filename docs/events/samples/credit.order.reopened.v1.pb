ev-5erp.example"C-1001(юл╣ЧЛ─⌠йD
ORDER-1хпр нкт	(экт	0:NET30B	Йкт	хпHPБ1000Йa remark