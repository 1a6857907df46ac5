using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Fairlead.Ledger.Verification;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>The gateway with a model for each dialect and each answer to "can abort", all at one <see cref="StepUpstream"/>; shared by the class.</summary>
public sealed class BillingHost : IAsyncLifetime
{
    public const decimal PromptPrice = 0.000001m;
    public const decimal CompletionPrice = 0.000002m;

    private readonly RequestProbe probe = new();
    private int cases;

    internal StepUpstream Upstream { get; } = new();

    internal GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new()
    {
        Config = Config(),
        Simulator = null,
        Configure = services => services.AddSingleton<IStartupFilter>(probe),
    });

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    internal static string Model(string protocol, bool canAbort) => $"{protocol}/{(canAbort ? "stops" : "runs-on")}";

    /// <summary>Sends a request and says how it goes on; the caller decides when to leave.</summary>
    internal BillingCase Send(string protocol, bool canAbort, bool stream)
    {
        var name = (++cases).ToString(CultureInfo.InvariantCulture);
        var request = ChatClient.Request(ChatClient.Body("Why is the sea salty?", stream, Model(protocol, canAbort)));
        request.Headers.Add("X-Case", name);
        return new BillingCase(Gateway, request, probe.Of(name));
    }

    internal AccountBalance Balance() => Gateway.Services.GetRequiredService<CreditLedger>().Balance(1);

    /// <summary>What <c>ledger verify</c> finds; empty when everything holds.</summary>
    internal string Verify()
    {
        using var output = new StringWriter();
        return Gateway.Services.GetRequiredService<LedgerVerifier>().Verify(output) ? "" : output.ToString();
    }

    private string Config()
    {
        var root = new JsonObject { ["providers"] = new JsonArray(), ["models"] = new JsonArray() };
        foreach (var script in AnswerScript.All)
        {
            root["providers"]!.AsArray().Add(new JsonObject
            {
                ["slug"] = script.Protocol,
                ["name"] = script.Protocol,
                ["protocol"] = script.Protocol,
                ["base_url"] = Upstream.Address,
                ["api_key"] = "key",
                ["allow_private_network"] = true,
            });
            foreach (var canAbort in (bool[])[true, false])
                root["models"]!.AsArray().Add(ModelEntry(script.Protocol, canAbort));
        }

        return root.ToJsonString();
    }

    private static JsonObject ModelEntry(string protocol, bool canAbort) => new()
    {
        ["id"] = Model(protocol, canAbort),
        ["name"] = Model(protocol, canAbort),
        ["context_length"] = 100_000,
        ["architecture"] = new JsonObject { ["input_modalities"] = new JsonArray("text"), ["output_modalities"] = new JsonArray("text"), ["tokenizer"] = "GPT" },
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["provider"] = protocol,
            ["model"] = "m",
            ["max_completion_tokens"] = 1000,
            ["can_abort"] = canAbort,
            ["pricing"] = new JsonObject
            {
                ["prompt"] = PromptPrice.ToString(CultureInfo.InvariantCulture),
                ["completion"] = CompletionPrice.ToString(CultureInfo.InvariantCulture),
            },
            ["supported_parameters"] = new JsonArray("max_tokens"),
        }),
    };
}
