ev-26erp.example"C-1001(юл╣ЧЛ─⌠Р-
ACCEPTANCE-1нкт	reasonБ1000Йa remark