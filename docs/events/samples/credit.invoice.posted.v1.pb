ev-12erp.example"C-1001(юл╣ЧЛ─⌠┌W
	INVOICE-1хпр нкт	(экт	2NET308Йкт	@J

DELIVERY-1ORDER-1хпБ1000Йa remark