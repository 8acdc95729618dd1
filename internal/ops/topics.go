package ops

// The topics of open pages, as the console's /events knows them: what is before the colon, then an id.
const (
	topicOrder    = "order:"
	topicDevice   = "device:"
	topicMessage  = "message:"
	topicMessages = "messages" // any of those sent through this console
	topicBatch    = "batch:"   // orders that were placed together
	topicWork     = "work"     // what somebody has to look after, or has done
)

// topics are what an action is about, as open pages ask for it.
func (a Action) topics() []string {
	list := []string{topicDevice + a.DeviceID}
	if a.OrderID != "" {
		list = append(list, topicOrder+a.OrderID)
	}
	if a.batch != "" {
		list = append(list, topicBatch+a.batch)
	}
	if a.Verb == Send {
		list = append(list, topicMessages)
		if a.Wants != "" {
			list = append(list, topicMessage+a.Wants)
		}
	}
	return append(list, topicWork)
}

// tell has open pages read anew what an action is about: how far the action is, or what it has made of it, is another thing now.
func (o *Actions) tell(a Action) { o.publish(a.topics()...) }

// tellOf has open pages read anew what became of a message.
func (o *Actions) tellOf(m Message) {
	o.publish(topicDevice+m.DeviceID, topicMessage+m.MsgID, topicMessages, topicWork)
}
