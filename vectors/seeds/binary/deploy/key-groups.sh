{
	"data": "ENC[AES256_GCM,data:ES0W0yx5KSaAv42xR1Yh/nDi3x/wo17Wt/42IXbegh4OKFGUhbFyCI8u5p0Ac7Tq2zh+qi9MMdmPNkNQ82Wx8BbLCl4PFvgWIFdjZEIXDjYjtlICgiyBuHoCiYXnuww+wysDsGk4LOZwEIejdjby7wY9095BEMKiOcJpr7acWY5zc9BJDKK+qPr3XKr0rlknvfGkQvAabMlR/IYDX5hNuWRNiJoX+m4bodQ9UIw37vX+DujUOVvyrBxyAxYdOpJZ8BHznO8OdcQMKz3iyx0C4FgiNgm1ysJ4zo0CX0I3qHEFVTKA84MTfUj/JAP6Uzpbn5PD1jsj90TwjiMEjdaOwD9nocLpm2Nv3IaQWXi+q8WKEFYN1gkHQicyCveV0pm0+wp8hTKKeY76MOl6GG6bzTpqQ0Q6gPimsruh1sPE7gW+byEep08j3F3KeNtKnW7PQ1zwxIntgXzNgWkRihtClQpZN+MOJJPPzCDBpPhCEBABPM53NhQexb2mv5iICHgEI7dZLJlnsasG5UfZ6yDiljQyGYW1rLW49n4hVIJpUqPpdRvfo4tJr/Qa+s0jCBHul0CAdcDsPzn3rZOuRlCIWue+S0xILB2vtJUiyLsosBb1i+GXTi/HRjattSSG+Lzcm+J/QZt2GcHrdyLM/BcRIDiH+O0Al7wfpozsUYezTHwrqg3yjzShZn/lOqHdqndm8/d0LI3TrtZmV5dw0kEYfPlrpiq0iooI8bL2RrEyICcUQabaZGDc2o6GmRemvCqeJi/dwImrYVhjS1h+q48zqwU79zZ5chZe2SiWqmpe0Mt8JV+DSqpRLd82zDaQ989Xfhrt4Heqc6mu8WMXWoBnrdmRrnxpuoBxBneJhkzxVCzEzd26xrPrXBKVawSF3BW1LBsjlhhO31ADqHV2OhdMOJvPf203gJkL12wG4gXu1O48yVCMN7YTXhVBCH99kzxgr99U6AGGQOxk8i9VLagAA1JWE2g6Ei/Gfc5dQCHNITnZpnzVJF/tGtODwMqxcc2QIj0XF4+eSy+US5N0oV9liqPrP+ytJSlF5ZB1Dg9oQbdpOnnbLJhogGXcUT4+WXzsrBBzx6kpPimReKtMDuBx1Mzb0CzgqyPDkwFMh313cdVpKFb/k14Jz0fsC0adi80+rsSpho++mdH9I71HWzhhHamJMRzsA93c8XQmbwXlgQMMi0IjH4Q3fIesNSFrhaV7Tj7qSS8PVzsa80LCuFTNFjv9,iv:RZy9vefH5SmOIs0UsmjdFZWn+mYGwBesylbGUep0GFw=,tag:xQd8w3cDtL6q3+kCgC3atA==,type:str]",
	"sops": {
		"key_groups": [
			{
				"age": [
					{
						"enc": "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA0RkNpZHBseEdrb2k5TTJx\nYm9EREwydFQxOVRybTV3U0JzU3FYMG1SRGhrCkZqSnZNTUhKUDNwZTRKaFU1N3dH\nVmZCa2tiUTZxbzhpaDlZWnlWQVM5RE0KLS0tIDgvaFo4WWwwN1FFamtUalEwMlYv\nYVRQZk9WQktGdkd4ZDFxK2lDNW5OVTQKYcmVOuS6WjVsoPhdzNteJNGsU9dXkMdx\nNQBIwu92CJozThcOVPp+Q0FZs7WgeJRmumYe+iQhS5qHJvLv9kr1Y5U=\n-----END AGE ENCRYPTED FILE-----\n",
						"recipient": "age16m6eqv87u4ukfw7eg34ek5m83th7tg4l68gde6fp7uc683vud5rq5hatec"
					}
				],
				"hc_vault": []
			},
			{
				"age": [
					{
						"enc": "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBlVlE4Rmhnak9MRlpvRVox\nV2Y3SnN2d0UxemprWkUvYm14eHhXY1NrSWw4CnBqT1ZwUUFubGNyemxHU01LTmxD\nQzZtUUMwdGpmMVpPWm5NSmJ6dXl1VjQKLS0tIHVZZE51MmFrMzJvbTFNSmhnZFVn\nVW5oaUtyRXZEcnBjUVl1Wk1rbC9PTFkKVAP3LVpKi+eKfMJyZjq09bz2Bl8FGhYW\nl16MM0S3alaYn5aEVxjrq0FZbvjmHZPw/Y71FKNhFH7llFXes+UqsMY=\n-----END AGE ENCRYPTED FILE-----\n",
						"recipient": "age1f65t5lm62drtqxwlevsrt9j93j6t72qlnlwrdc7f8q5n4l8yzars0ygfhk"
					}
				],
				"hc_vault": []
			},
			{
				"age": [
					{
						"enc": "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBWNTdiNGdTVFU4TkVhWWIr\nY29WeWxzcER6ZGhNTnlpUC9NSFV3cFdhTVdFCnpURGYwUXd3bTI3SHVXd2hCbjQ5\nZTZuZnlxaWxGOGVWdlNWTmgrcEp3TjAKLS0tIGFBdy96ekc0QnJHdFVCRVU3TUlL\nd2crZVRqa1ZwRlJDWHBhcE4vSUxTTHMKRjwgnbMy7WZWG8g8vhHF4zSdGcm5wS0F\nE+Hw6G+vjet1xn/8rM2WxWq/iMl1d+DmN0oc1Q4V/nSQELPqcdT67YI=\n-----END AGE ENCRYPTED FILE-----\n",
						"recipient": "age1u522av9ympxksausq6gwh7xugq82qrqq57u36uqj8hy8daxqr3lqxcuykl"
					}
				],
				"hc_vault": []
			}
		],
		"lastmodified": "2026-11-23T07:38:46Z",
		"mac": "ENC[AES256_GCM,data:blIoMg7L9qtKwM4/fmM7jL5VxrWAliMHf0Xif/zmKONA1zGvcG7JqfEKNaxFvwG8eSFvWrJJaq9hG1ZmYf2uQxZbS9ne0cUWNg44aNOVOSGk4mkTJ55z44LiNt1d376++4CzQ79UgO7gxpTS3X8d4W/w/uWULYBRpkH5V/lJHrQ=,iv:pfreamhgnm4uDdToVuAQM6EVD1+OMxA4am723LR+wwE=,tag:PWyUxi44krNMFgUVeoeitA==,type:str]",
		"shamir_threshold": 2,
		"version": "3.13.3"
	}
}
