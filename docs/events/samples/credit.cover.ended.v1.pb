ev-75erp.example"C-1001(ÀÌµşì€“ú
*
COVER-1ÎËÔ	"reasonâ1000êa remark