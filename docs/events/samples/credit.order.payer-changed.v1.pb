ev-7erp.example"C-1001(ΐΜµώμ€“Ϊ%
ORDER-1C-1000β1000κa remark