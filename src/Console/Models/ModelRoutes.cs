using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Models;

/// <summary>The model lists and one model (platform §3).</summary>
internal static class ModelRoutes
{
    public static void MapModels(this IEndpointRouteBuilder api)
    {
        api.MapGet("/models", List).WithTags("models").WithSummary("The models that can be used, filtered, sorted, paged; JSON or RSS.")
            .Produces<ModelsAnswer>().Produces<ErrorAnswer>(400);
        api.MapGet("/models/count", Count).WithTags("models").WithSummary("How many models there are.")
            .Produces<ModelCountAnswer>().Produces<ErrorAnswer>(400);
        api.MapGet("/models/user", ListForCaller).WithTags("models").WithSummary("The models the caller's key can reach.")
            .Produces<ModelsAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401);
        api.MapGet("/embeddings/models", ListEmbeddings).WithTags("models").WithSummary("The models that make embeddings.")
            .Produces<ModelsAnswer>().Produces<ErrorAnswer>(400);
        api.MapGet("/model/{author}/{slug}", Get).WithTags("models").WithSummary("One model; aliases lead to the model they stand for.")
            .Produces<ModelAnswer>().Produces<ErrorAnswer>(404);
    }

    private static Task<IResult> List(HttpContext http, ModelListing listing, ModelFeed feed, TimeProvider clock) =>
        AnswerAsync(http, listing, feed, clock, caller: null, account: null, Unchanged);

    private static Task<IResult> ListEmbeddings(HttpContext http, ModelListing listing, ModelFeed feed, TimeProvider clock) =>
        AnswerAsync(http, listing, feed, clock, caller: null, account: null, static query => query with { OutputModalities = ["embeddings"] });

    private static Task<IResult> ListForCaller(HttpContext http, ModelListing listing, ModelFeed feed, TimeProvider clock, CallerCheck callers, AccountSettingsIndex accounts) =>
        callers.TryIdentify(http, out var caller, out var refusal)
            ? AnswerAsync(http, listing, feed, clock, caller, accounts.Find(caller.AccountId), Unchanged)
            : Task.FromResult(refusal);

    private static IResult Count(HttpContext http, CatalogSource catalog, TimeProvider clock)
    {
        var (query, error) = ModelQuery.Read(http.Request.Query);
        if (query is null)
            return Answers.Error(error!);
        Answers.AllowCaching(http.Response);
        var count = ModelSelection.Select(catalog.Current, query, clock.GetUtcNow()).Count;
        return TypedResults.Json(new ModelCountAnswer(new(count)), ConsoleJson.Wire.ModelCountAnswer);
    }

    private static IResult Get(string author, string slug, HttpContext http, CatalogSource source)
    {
        var catalog = source.Current;
        if (catalog.FindBySlug(author, slug) is not { } model)
            return Answers.NotFound("Resource not found", catalog.Nearest($"{author}/{slug}", 3));
        Answers.AllowCaching(http.Response);
        return TypedResults.Json(new ModelAnswer(ModelMapping.ToModelObject(catalog, model)), ConsoleJson.Wire.ModelAnswer);
    }

    private static ModelQuery Unchanged(ModelQuery query) => query;

    private static async Task<IResult> AnswerAsync(
        HttpContext http, ModelListing listing, ModelFeed feed, TimeProvider clock, ApiKey? caller, AccountSettings? account, Func<ModelQuery, ModelQuery> adjust)
    {
        var (read, error) = ModelQuery.Read(http.Request.Query);
        if (read is null)
            return Answers.Error(error!, caller);
        var query = adjust(read);
        var now = clock.GetUtcNow();
        var written = listing.Current;
        var headers = http.Response.Headers;
        if (caller is not null)
        {
            headers.CacheControl = "private, no-store";
        }
        else
        {
            Answers.AllowCaching(http.Response);
            var tag = Tag(http.Request, written.Fingerprint, query, now);
            headers.ETag = tag;
            if (http.Request.Headers.IfNoneMatch.ToString().Contains(tag, StringComparison.Ordinal))
                return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var all = ModelSelection.Select(written.Catalog, query, now, account);
        if (query.Rss)
            return TypedResults.Bytes(feed.Write(Page(all, query), http.Request, query.ChatLinks), "application/rss+xml; charset=utf-8");
        http.Response.ContentType = "application/json; charset=utf-8";
        written.Write(http.Response.BodyWriter, Page(all, query), all.Count, Next(http.Request, query, all.Count));
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        return TypedResults.Empty;
    }

    private static IEnumerable<Model> Page(IReadOnlyList<Model> all, ModelQuery query) =>
        query.Limit is { } limit ? all.Skip(query.Offset).Take(limit) : all;

    private static string? Next(HttpRequest request, ModelQuery query, int total)
    {
        if (query.Limit is not { } limit || (long)query.Offset + limit >= total)
            return null;
        var parameters = request.Query.Where(one => one.Key is not ("offset" or "limit"))
            .SelectMany(one => one.Value.Select(value => KeyValuePair.Create(one.Key, value ?? "")))
            .Append(KeyValuePair.Create("offset", (query.Offset + limit).ToString(CultureInfo.InvariantCulture)))
            .Append(KeyValuePair.Create("limit", limit.ToString(CultureInfo.InvariantCulture)));
        return request.PathBase + request.Path + new QueryBuilder(parameters).ToQueryString();
    }

    // The query is part of the tag because caches may key by path alone; the day because ages count days; the host because feeds hold links.
    private static string Tag(HttpRequest request, string fingerprint, ModelQuery query, DateTimeOffset now)
    {
        var asked = $"{request.Path}{request.QueryString}|{(query.AgeDays == default ? 0 : now.ToUnixTimeSeconds() / 86_400)}|{(query.Rss ? request.Host.Value : "")}";
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(asked));
        return $"\"{fingerprint}-{Convert.ToHexStringLower(digest.AsSpan(0, 6))}\"";
    }
}
