ev-9erp.example"C-1001(ÀÌµþì€“ê9

REVERSAL-1
DELIVERY-1ÈÐ Ò*reasonâ1000êa remark