package audit

import "context"

// EndedUnsaid stands in the row of a start whose predecessor left none of its stop: it was killed, or crashed.
const EndedUnsaid = "ended without a stop"

// Started records that the console begins, and whether the run before it ended as it should.
func (l *Log) Started(ctx context.Context) error {
	e := Entry{Actor: Console, Action: SystemStart, Phase: Event, Outcome: OK}
	rows, err := l.List(ctx, Filter{Action: string(SystemStart), Limit: 1})
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		stops, err := l.List(ctx, Filter{Action: string(SystemStop), Limit: 1})
		if err != nil {
			return err
		}
		if len(stops) == 0 || stops[0].Seq < rows[0].Seq {
			e.Detail = []Field{{"last_run", EndedUnsaid}}
		}
	}
	_, err = l.Append(ctx, e)
	l.began.Store(err == nil)
	return err
}

// Stopped records that the console ends as it should. A start that came to nothing, or is not in the log, has no end.
func (l *Log) Stopped(ctx context.Context) error {
	if !l.began.Load() {
		return nil
	}
	_, err := l.Append(ctx, Entry{Actor: Console, Action: SystemStop, Phase: Event, Outcome: OK})
	return err
}
