ev-6erp.example"C-1001(ÀÌµþì€“Ò3
ORDER-1HOLD-1acknowledgedByâ1000êa remark