ev-91erp.example(ΐΜµώμ€“ϊG
POLICY-1€€λ¤τÿ’"digest*
hold.overdueDays30β1000κa remark