ev-70erp.example"C-1001(ΐΜµώμ€“Ò
%
NET30 (08β1000κa remark