ev-74erp.example"C-1001(ÀÌµşì€“ò
*
COVER-1ÎËÔ	"reasonâ1000êa remark