using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Signatures and limits, against the published vectors.</summary>
public sealed class Vectors
{
    [Fact]
    public void DingTalk_signs_as_published()
    {
        var sign = Signing.DingTalk("SEC0123456789abcdef", 1_700_000_000_000);
        Assert.Equal("TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk=", sign);
        Assert.Equal("TSZbRFUuvaSQaRKUpF970OPCb2%2FLcQAP3wOvwZIzBZk%3D", Uri.EscapeDataString(sign));
    }

    [Fact]
    public void Feishu_signs_as_published_and_not_the_way_of_DingTalk()
    {
        Assert.Equal("OrBzY1Y01Gq+HgJsl+7OfWcMVwc7YocohQm5iiZwjhU=", Signing.Feishu("feishu-secret", 1_700_000_000));
        var wrong = Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes("feishu-secret"), Encoding.UTF8.GetBytes("1700000000\nfeishu-secret")));
        Assert.Equal("qIrbDqRtpQWMeGzMXfXu53eQAy8KDJcp5pzyiFN/dbA=", wrong);
        Assert.NotEqual(wrong, Signing.Feishu("feishu-secret", 1_700_000_000));
    }

    [Fact]
    public void Standard_webhooks_sign_as_published_and_receivers_refuse_what_was_changed_or_is_old()
    {
        const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        var body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");
        var sign = Signing.StandardWebhooks(Secret, Id, 1_614_265_330, body);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", sign);
        Assert.Equal(WebhookCheck.Valid, Check(sign, body, 1_614_265_330 + 300));
        Assert.Equal(WebhookCheck.Valid, Check("v1,AAAA " + sign, body, 1_614_265_330 - 300));
        Assert.Equal(WebhookCheck.TooOld, Check(sign, body, 1_614_265_330 + 301));
        Assert.Equal(WebhookCheck.WrongSignature, Check(sign, [.. body, (byte)' '], 1_614_265_330));
        Assert.Equal(WebhookCheck.WrongSignature, Check("v1,", body, 1_614_265_330));
        Assert.Equal(WebhookCheck.Incomplete, Check("", body, 1_614_265_330));

        WebhookCheck Check(string signature, byte[] content, long now) => WebhookVerifier.Check(["whsec_" + Convert.ToBase64String([1, 2, 3]), Secret], Id, "1614265330", signature, content, now);
    }

    [Theory]
    [InlineData(1_362, 4_095, false)]
    [InlineData(1_363, 4_098, true)]
    public void WeCom_counts_bytes_and_shortens_at_an_item(int characters, int bytes, bool shortened)
    {
        // Ten lines of Chinese, of which nine end in one byte: together the characters that the limit leaves room for, and one more.
        const int Lines = 10;
        var words = new Words(Language.Chinese);
        var each = characters / Lines;
        List<string> lines = [.. Enumerable.Range(0, Lines).Select(i => new string('敞', each + (i < characters % Lines ? 1 : 0)))];
        Assert.Equal(bytes, Fitting.Bytes(string.Join('\n', lines)));
        var content = WeCom.Content(lines[0], lines[1..], [], 4_096, words);
        Assert.InRange(Fitting.Bytes(content), 1, 4_096);
        Assert.Equal(shortened, content != string.Join('\n', lines));
        if (shortened) Assert.EndsWith("\n另有 1 条", content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_365, false)]
    [InlineData(1_366, true)]
    public void One_text_of_Chinese_is_cut_between_characters_never_inside(int characters, bool cut)
    {
        var text = Fitting.Cut(new string('额', characters), 4_096);
        Assert.Equal(cut, text.EndsWith('…'));
        Assert.InRange(Fitting.Bytes(text), 4_093, 4_096);
        Assert.Equal("🙂🙂…", Fitting.Cut("🙂🙂🙂🙂", 13));
    }

    /// <summary>Whatever is told, in every language and on every channel, fits the limit, has its first line whole and says what is left out.</summary>
    [Theory]
    [InlineData(ChannelKind.Slack, 12_000)]
    [InlineData(ChannelKind.Teams, 20_000)]
    [InlineData(ChannelKind.DingTalk, 18_000)]
    [InlineData(ChannelKind.Feishu, 20_000)]
    [InlineData(ChannelKind.WeCom, 4_096)]
    [InlineData(ChannelKind.Webhook, 262_144)]
    public void Every_size_of_message_fits_its_channel(ChannelKind kind, int limit)
    {
        foreach (var language in (Language[])[Language.English, Language.Chinese])
        {
            var vendor = Vendors.Of(new ChannelSettings { Name = "c", Kind = kind, Language = language, Url = "https://host.example/x", BytesMax = limit, Secrets = kind == ChannelKind.Webhook ? ["whsec_AAAA"] : [], Links = new ConsoleLinks(new Uri("https://e.example")) });
            foreach (var count in (int[])[1, 2, 10, 100, 1_000, 5_000])
            {
                var message = Samples.Message(count);
                var body = Encoding.UTF8.GetString(vendor.Draft(message, new Instant(1)).Body);
                using var json = System.Text.Json.JsonDocument.Parse(body);
                var measured = kind == ChannelKind.WeCom ? json.RootElement.GetProperty("markdown").GetProperty("content").GetString()! : body;
                Assert.InRange(Fitting.Bytes(measured), 1, limit);
                var all = Samples.Texts(json.RootElement);
                if (kind != ChannelKind.Webhook) Assert.Contains(Samples.TitleWord(kind, language, count), all, StringComparison.Ordinal);
                if (count == 5_000 && kind != ChannelKind.Webhook) Assert.Matches(language == Language.Chinese ? "另有 [0-9]+ 条" : "and [0-9]+ more", all);
                if (count == 5_000 && kind == ChannelKind.Webhook) Assert.Equal(5_001, json.RootElement.GetProperty("truncatedAlerts").GetInt32() + json.RootElement.GetProperty("alerts").GetArrayLength());
            }
        }
    }

    /// <summary>What a customer is called is shown and does nothing.</summary>
    [Theory]
    [InlineData(ChannelKind.Slack)]
    [InlineData(ChannelKind.Teams)]
    [InlineData(ChannelKind.DingTalk)]
    [InlineData(ChannelKind.Feishu)]
    [InlineData(ChannelKind.WeCom)]
    public void A_hostile_name_is_inert(ChannelKind kind)
    {
        const string Evil = "<!channel> <@all> @all [free](https://evil.example) **x** <at id=all></at>\r\nSubject: x\u202E";
        var vendor = Vendors.Of(new ChannelSettings { Name = "c", Kind = kind, Language = Language.English, Url = "https://host.example/x", BytesMax = VendorDefaults.BytesOf(kind) });
        var message = Samples.Message(1);
        var item = message.Items[0];
        message = message with { Items = [item with { Alert = item.Alert with { Name = Evil } }] };
        using var json = System.Text.Json.JsonDocument.Parse(vendor.Draft(message, new Instant(1)).Body);
        if (kind is ChannelKind.Slack or ChannelKind.Feishu)
        {
            // Plain text has no markup; Slack's fallback text has, and is escaped.
            foreach (var (tag, text) in Samples.Tagged(json.RootElement)) Assert.True(tag == "plain_text" || !text.Contains("<!channel>", StringComparison.Ordinal), text);
            return;
        }

        var shown = Samples.Texts(json.RootElement);
        foreach (var live in (string[])["<!channel>", "<@all>", "<at id", "](https://evil", "**x**", "\r", "\u202E"]) Assert.DoesNotContain(live, shown.Replace("\\*\\*x\\*\\*", "", StringComparison.Ordinal).Replace("\\]", "\\", StringComparison.Ordinal), StringComparison.Ordinal);
        if (kind is ChannelKind.DingTalk or ChannelKind.WeCom) Assert.DoesNotContain("@all", shown, StringComparison.Ordinal);
    }

    /// <summary>A clerk reads amounts, days and shares, never minor units and basis points.</summary>
    [Theory]
    [InlineData("EW-23", 5_211_900, 4_502_692, "EUR", "Rule EW-23, policy version 12, value 52,119 EUR, threshold 45,026.92 EUR, usual 15,008.97 EUR (of 26)", "规则 EW-23，政策版本 12，数值 52,119 EUR，阈值 45,026.92 EUR，平时 15,008.97 EUR（26 次观察）")]
    [InlineData("EW-23", 5_211_900, 4_502_692, "", "Rule EW-23, policy version 12", "规则 EW-23，政策版本 12")]
    [InlineData("EW-20", 1_250, 700, "", "Rule EW-20, policy version 12, value 12.5 days, threshold 7 days, usual 15008.97 days (of 26)", "规则 EW-20，政策版本 12，数值 12.5 天，阈值 7 天，平时 15008.97 天（26 次观察）")]
    [InlineData("EW-26", 3_100, 2_500, "", "Rule EW-26, policy version 12, value 31 %, threshold 25 %, usual far over 100 % (of 26)", "规则 EW-26，政策版本 12，数值 31%，阈值 25%，平时 远超 100%（26 次观察）")]
    [InlineData("EW-01", 10_400, 10_000, "", "Rule EW-01, policy version 12, threshold 100 %, usual far over 100 % (of 26)", "规则 EW-01，政策版本 12，阈值 100%，平时 远超 100%（26 次观察）")]
    [InlineData("EW-31", 1, 1, "", "Rule EW-31, policy version 12", "规则 EW-31，政策版本 12")]
    public void Figures_of_a_rule_have_their_units(string rule, long value, long threshold, string currency, string english, string chinese)
    {
        var item = Samples.Message(1).Items[0];
        item = item with { Alert = item.Alert with { Rule = rule, Value = value, Threshold = threshold, MeasuredIn = currency, Usual = new UsualFigure(1_500_897, 26) } };
        Assert.Equal((english, chinese), (new Words(Language.English).Details(item)[0], new Words(Language.Chinese).Details(item)[0]));
    }

    /// <summary>What would clear it is a figure where it is known, of the limit that stands.</summary>
    [Theory]
    [InlineData(9_500, "utilisation ≤ 95 % (exposure ≤ 950,000 CNY)", "额度使用率 ≤ 95%（敞口 ≤ 950,000 CNY）")]
    [InlineData(null, "utilisation at or below the step less the re-arm", "额度使用率回落到该档减去回差以下")]
    public void What_would_clear_it_is_a_figure_where_it_is_known(int? bp, string english, string chinese)
    {
        var alert = Samples.Alert("C-1") with { ClearsAtBp = bp };
        Assert.Equal((english, chinese), (new Words(Language.English).Clears(alert), new Words(Language.Chinese).Clears(alert)));
    }

    [Fact]
    public void The_first_line_reads_as_specified_in_both_languages()
    {
        var item = Samples.Message(1).Items[0];
        item = item with { Alert = item.Alert with { Customer = "C0304660", Name = "华东机电" } };
        Assert.Equal("[HIGH] C0304660 华东机电: over limit 104 % (1,040,000 / 1,000,000 CNY)", new Words(Language.English).Head(item));
        Assert.Equal("[高] C0304660 华东机电：超额，使用率 104%（1,040,000 / 1,000,000 CNY）", new Words(Language.Chinese).Head(item));
        var ended = item with { Row = item.Row with { Transition = Transition.Resolved }, Alert = item.Alert with { State = AlertState.Resolved, Exposure = 93_000_000 } };
        Assert.Equal("[RESOLVED] C0304660 华东机电: no longer: limit used 93 % (930,000 / 1,000,000 CNY)", new Words(Language.English).Head(ended));
        Assert.Equal("1,234.50 EUR", Words.Money(123_450, "EUR"));
        Assert.Equal("-1,000 JPY", Words.Money(-1_000, "JPY"));
        Assert.Equal("-0.05 EUR", Words.Money(-5, "EUR"));
    }
}
