ev-92erp.example(ÀÌµþì€“‚H

CALENDAR-1
2026-12-25
2026-12-26SaturdaySundayâ1000êa remark