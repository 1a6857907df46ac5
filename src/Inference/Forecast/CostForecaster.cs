using System.Text.Json;
using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Forecast;

/// <summary>
/// <c>POST /api/v1/cost/simulate</c>: takes the body of an inference request through the same stages up to Route, and says what it would cost. Sends
/// nothing, holds nothing, costs nothing; a caller without credits may ask too.
/// </summary>
internal sealed class CostForecaster(
    CatalogSource catalog, Authenticator authenticate, RoutePlans route, AccountSettingsIndex accounts, Presets presets, ModelRouters routers, PluginSet plugins, GenerationIds ids,
    TimeProvider time, IOptions<InferenceOptions> options)
{
    public async Task RunAsync(HttpContext http, IClientDialect dialect)
    {
        var context = new InferenceContext(http, dialect, catalog.Current, time, ids);
        var outcome = await ForecastAsync(context);
        if (outcome.Try(out var forecast, out var error))
            await WriteAsync(context, forecast);
        else
            await ErrorWriter.WriteAsync(context, error);
    }

    private async ValueTask<Outcome<CostForecast>> ForecastAsync(InferenceContext context)
    {
        if (!(await Inquiry.ReadAsync(authenticate, context)).Try(out var body, out var error))
            return error;
        using (body)
        {
            var accountId = context.Key!.AccountId;
            if (!Receiver.Parse(context, body.Memory).Try(out var received, out error) || !presets.Apply(context, received, accountId).Try(out received, out error))
                return error;
            if (!Preparation.Apply(context, received, accounts.Find(accountId), routers, plugins).Try(out var request, out error))
                return error;
            if (!route.Plan(context, request).Try(out var plan, out error))
                return error;
            var forecast = CostForecast.Of(plan, request.Request, context.ArrivedAt, options.Value.UsualOutputTokens);
            return forecast with { Worst = forecast.Worst + request.Plugins.WorstFee.Dollars };
        }
    }

    private static async ValueTask WriteAsync(InferenceContext context, CostForecast forecast)
    {
        using var body = new PooledBody(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("worst", Dollars(forecast.Worst));
            json.WriteNumber("expected", Dollars(forecast.Expected));
            WriteCheapest(json, forecast.Cheapest);
            json.WriteStartObject("assumed");
            json.WriteNumber("prompt_tokens", forecast.PromptTokens);
            json.WriteNumber("completion_tokens", forecast.CompletionTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var response = context.Http.Response;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.Memory, context.Http.RequestAborted);
    }

    private static void WriteCheapest(Utf8JsonWriter json, EndpointCost cheapest)
    {
        var endpoint = cheapest.Candidate.Endpoint;
        json.WriteStartObject("cheapest");
        json.WriteStartObject("endpoint");
        json.WriteString("id", endpoint.Id);
        json.WriteString("model", endpoint.ModelId);
        json.WriteString("provider_name", endpoint.Provider.Name);
        json.WriteString("tag", endpoint.Tag);
        json.WriteEndObject();
        json.WriteNumber("cost", Dollars(cheapest.Cost));
        json.WriteEndObject();
    }

    // Rounded as a charge is; without needless zeros.
    private static decimal Dollars(decimal cost) => Credits.Round(cost).Dollars / 1.0000000000000000000000000000m;
}
