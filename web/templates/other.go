package templates

// Login is the door. Next and Kept keep what an expired session interrupted; Typed is the text that one would miss.
type Login struct {
	Username, Error, Next, Kept, Typed, CSRF string
	Note                                     *Notice
	Demo                                     []string // names of the demo users
	DemoPassword                             string
}

// ErrorPage tells what went wrong and what to do; Ref is the request id that the log also has.
type ErrorPage struct {
	Status             int
	Title, Message     string
	Code, Said         string // what the CMP said
	Ref                string
	BackHref, BackText string
	RetryHref          string
}
