package cmpsim

// product is a package of the catalogue, as orders carry it.
type product struct {
	name    string
	code    string
	kind    string // package_type, empty when the CMP prints null
	buy     string
	flowMB  int64
	periods []int
}

// cycled are packages by month, quarter, half year and year.
var cycled = []product{
	{"C_M_D_000018_P_S_日本30GB不限速月套餐", "LP14230912003377", "2", "2", 30720, []int{1, 3, 6, 12}},
	{"C_M_D_000021_P_S_日本5GB不限速月套餐(KD)", "LP14230915003391", "2", "2", 5120, []int{1, 6, 12}},
	{"C_M_D_000034_P_S_中国香港10GB不限速月套餐", "LP14231020003806", "2", "2", 10240, []int{6, 12}},
	{"C_K_D_000007_P_S_欧洲33国20GB降速512Kbps月套餐", "LP14230718003102", "2", "2", 20480, []int{1, 3, 12}},
	{"C_M_D_00000911_P_S_2APNs_澳大利亚50GB不限速月套餐", "LP14240305004390", "2", "2", 51200, []int{12, 24}},
	{"C_M_0_P_中国100M不限速月套餐", "DP20190726001301", "2", "2", 100, []int{12, 24}},
	{"C_M_0_P_东南亚8国500M不限速月套餐", "DP20200311002290", "2", "2", 500, []int{6, 12, 24}},
	{"(en-us)全覆盖国家10M不限速月Package", "DP20210322004190", "2", "2", 10, []int{12, 24, 36}},
	{"Europe 10 GB monthly", "LP14240122004260", "2", "2", 10240, []int{1, 3, 12}},
	{"Global IoT 50 MB monthly", "LP14220608001877", "2", "2", 50, []int{12, 24, 60}},
	{"UK & Ireland 2 GB monthly", "LP14230203002514", "2", "2", 2048, []int{3, 12}},
	{"North America 1 GB monthly, private APN", "LP14231107003912", "2", "2", 1024, []int{6, 12}},
	{"C_Q_D_000003_P_S_欧洲1GB不限速季套餐", "LP14230411002760", "3", "2", 1024, []int{2, 4}},
	{"Benelux tracker 300 MB half-year", "LP14221130002245", "4", "2", 300, []int{2, 4}},
	{"C_Y_D_000012_P_S_全球120M不限速年套餐", "LP14220215001433", "5", "2", 120, []int{1, 2, 3}},
	{"Australia 12 GB yearly", "LP14240819004771", "5", "2", 12288, []int{1, 2}},
}

// daily are packages by days; their expiry can be put on any day. No period is
// shorter than the 28 days that a fleet looks ahead.
var daily = []product{
	{"C_D_0_P_日本500M降速256Kbps日套餐", "DP20190924001702", "1", "2", 500, []int{30, 90}},
	{"T_T_T_0_P_泰国1GB降速128Kbps日套餐", "DP20191108001840", "1", "2", 1024, []int{30, 60}},
	{"C_D_D_000009_P_S_新加坡马来西亚3GB不限速日套餐", "LP14230530002951", "1", "2", 3072, []int{30, 90, 180}},
	{"Singapore 2 GB, by the day", "LP14240214004311", "1", "2", 2048, []int{30, 90, 365}},
	{"Balkans roaming 5 GB, by the day", "LP14230822003288", "1", "2", 5120, []int{60, 90}},
	{"(en-us)全覆盖国家20M不限速两年Package", "DP20210322004211", "", "2", 20, []int{30, 730}},
}

// prepaid are packages that may be refuelled.
var prepaid = []product{
	{"C_D_D_000041_Y_S_日本3GB预付费日套餐", "LP14231213004061", "1", "1", 3072, []int{30, 90}},
	{"Prepaid Europe 1 GB, 90 days", "LP14240412004480", "1", "1", 1024, []int{90}},
}

// endless are packages without a quota that run for decades.
var endless = []product{
	{"C_M_D_00001047_P_S_3APNs_澳大利亚10GB不限速月套餐", "LP14240611004451", "2", "2", 0, []int{360}},
	{"Global pooled, pay as you use", "LP14240701004523", "2", "2", 0, []int{360}},
}

// secondary are second packages of OTA devices, which cannot be opened by hand.
var secondary = []product{
	{"OTA_S_D_000002_副号_巴西3GB不限速月套餐", "LP14240118004251", "2", "2", 3072, []int{6, 12}},
	{"OTA secondary: Türkiye 1 GB monthly", "LP14240227004370", "2", "2", 1024, []int{12}},
}

var (
	suppliers = []string{"SP000040", "SP000012", "SP000027", "SP000055", ""}
	partners  = []struct{ code, name string }{
		{"CN00000581", ""}, {"CN00000581", ""}, {"CN00000714", "深圳市远航物联科技有限公司"}, {"SG00000010", ""},
		{"SG00000010", "Straits Telematics Pte Ltd"}, {"DE00000033", "Nordlicht Flottenservice GmbH"},
		{"JP00000026", "株式会社みなとIoT"}, {"AU00000102", ""}, {"GB00000047", "Harrow & Finch Metering Ltd"},
	}
)
