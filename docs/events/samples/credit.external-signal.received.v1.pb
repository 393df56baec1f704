ev-79erp.example"C-1001(ÀÌµşì€“š7
SIGNAL-1 ÈĞ(Ò0ÎËÔ	:	referenceâ1000êa remark