ev-65erp.example"C-1001(ÀÌµþì€“ª
#reasonsetByâ1000êa remark