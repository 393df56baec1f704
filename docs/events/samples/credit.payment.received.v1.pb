ev-17erp.example"C-1001(ְּµ‏ל€“×U
	PAYMENT-1ָ׀ׂ ־ֻװ	(0:payerAccountBthirdPartyPayerJORDER-1ג1000ךa remark