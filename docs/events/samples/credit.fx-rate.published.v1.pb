ev-90erp.example(ÀÌµþì€“ò>ÒÈ1.0845 €€ë¤ôÿ’*rateSet2
approvedByâ1000êa remark