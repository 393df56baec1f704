ev-1erp.example"C-1001(ÀÌµşì€“ªk
ORDER-1ÈĞÒ ÎËÔ	(ÜËÔ	0:NET30B	êËÔ	ÈĞHP½ÌÔ	XÈĞ`ÈĞhrRSV-7zBUYER-1‚segmentâ1000êa remark