ev-60erp.example"C-1001(ÀÌµşì€“‚
ƒÒÎËÔ	ÜËÔ	¢MÃ¼ller & SÃ¶hne GmbHªC-1000°ºsegmentÂDEÊindustryÒ
controllerÚtierâstatusèğøâ1000êa remark