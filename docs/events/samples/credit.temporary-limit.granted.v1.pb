ev-66erp.example"C-1001(ÀÌµþì€“²
r
TEMPORARY-1ÈÐÒ €€ë¤ôÿ’(€€ˆ³Ž£“2orders-12orders-28BreasonJapprovedBy-1JapprovedBy-2â1000êa remark