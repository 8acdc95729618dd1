package cmpsim

// offer is a package as the catalogue has it.
type offer struct {
	product
	mcc, countries string
	price          string
	desc           string
	unlimited      bool // no highest period
	obsolete       bool
}

// catalogue lists every package that the fleet's orders are of, and some that
// nobody has ordered.
var catalogue = []offer{
	{cycled[0], "440;441", "日本", "88.00", "", true, false},
	{cycled[1], "440;441", "日本", "36.00", "", true, false},
	{cycled[2], "454", "中国香港", "42.50", "", false, false},
	{cycled[3], "208;262;222;214;204;206;232", "法国;德国;意大利;西班牙;荷兰;比利时;奥地利", "65.00", "20GB后降速至512Kbps", true, false},
	{cycled[4], "505", "澳大利亚", "128.00", "", true, false},
	{cycled[5], "460;461", "中国", "3.00", "", true, false},
	{cycled[6], "520;525;502;510;452;515;456;414", "泰国;新加坡;马来西亚;印度尼西亚;越南;菲律宾;柬埔寨;缅甸", "12.00", "", true, false},
	{cycled[7], "460;454;440;450;520;525;234;208;262;310;505", "Worldwide", "2.10", "", true, false},
	{cycled[8], "208;262;222;214;204;206;232;268", "France;Germany;Italy;Spain;Netherlands;Belgium;Austria;Portugal", "52.00", "Roaming within the EU at no extra cost", true, false},
	{cycled[9], "460;454;440;450;520;525;234;208;262;310;505", "Worldwide", "4.40", "", true, false},
	{cycled[10], "234;272", "United Kingdom;Ireland", "19.90", "", false, false},
	{cycled[11], "310;302", "United States;Canada", "24.00", "Private APN only", false, false},
	{cycled[12], "208;262;222;214", "法国;德国;意大利;西班牙", "21.00", "", false, false},
	{cycled[13], "204;206;270", "Netherlands;Belgium;Luxembourg", "33.00", "", false, false},
	{cycled[14], "460;454;440;450;520;525;234;208;262;310;505", "全球", "28.00", "", true, false},
	{cycled[15], "505", "Australia", "410.00", "", false, false},
	{daily[0], "440;441", "日本", "18.00", "每日500MB后降速至256Kbps", true, false},
	{daily[1], "520", "泰国", "9.90", "", false, false},
	{daily[2], "525;502", "新加坡;马来西亚", "26.00", "", true, false},
	{daily[3], "525", "Singapore", "24.50", "", true, false},
	{daily[4], "219;220;218;276;297", "Croatia;Serbia;Bosnia and Herzegovina;Albania;Montenegro", "31.00", "", false, false},
	{daily[5], "460;454;440;450;520;525;234;208;262;310;505", "Worldwide", "", "", false, true},
	{prepaid[0], "440;441", "日本", "29.00", "", false, false},
	{prepaid[1], "208;262;222;214;204;206", "France;Germany;Italy;Spain;Netherlands;Belgium", "15.00", "", false, false},
	{endless[0], "505", "澳大利亚", "", "", true, false},
	{endless[1], "460;454;440;450;520;525;234;208;262;310;505", "Worldwide", "", "Traffic is taken from the pool", true, false},
	{secondary[0], "724", "巴西", "37.00", "OTA副号套餐", false, false},
	{secondary[1], "286", "Türkiye", "16.00", "Secondary package of OTA devices", false, false},
	{product{"印度TATA测试套餐", "DP20181122000201", "2", "2", 1000, []int{1}}, "404;405;406", "印度", "", "", true, false},
	{product{"T_T_T_0_P_中国100MB降速256Kbps日套餐", "DP20190924001683", "1", "2", 100, []int{1}}, "460;461", "中国", "", "", true, false},
	{product{"C_M_0_P_中国20M不限速月套餐", "DP20190726001274", "2", "2", 20, []int{1, 12}}, "460;461", "中国", "1.00", "", false, false},
	{product{"Unlimited by the day, Hong Kong", "DP20210118003650", "0", "1", 0, []int{1, 30}}, "454", "Hong Kong", "6.00", "", false, false},
	{product{"(old) Russia 1 GB monthly", "DP20180611000077", "2", "2", 1024, []int{1, 12}}, "250", "Russia", "14.00", "Replaced", false, true},
}
