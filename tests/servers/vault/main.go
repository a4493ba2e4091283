// A Vault for tests: Vault's own core, HTTP interface and KV secrets engine, in memory and unsealed,
// without the dozens of other engines that `vault server` brings.
//
//	vault-server ADDRESS ROOT_TOKEN [CERTIFICATE KEY]
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/logical"
	"github.com/hashicorp/vault/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

func main() {
	address, token := os.Args[1], os.Args[2]
	logger := hclog.New(&hclog.LoggerOptions{Output: os.Stderr})
	storage, err := inmem.NewInmem(nil, logger)
	check(err)
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:        storage,
		Logger:          logger,
		DisableMlock:    true,
		LogicalBackends: map[string]logical.Factory{"kv": kv.Factory},
	})
	check(err)
	ctx := namespace.RootContext(context.Background())
	shares := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	initialized, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: shares, RecoveryConfig: shares})
	check(err)
	_, err = core.Unseal(initialized.SecretShares[0])
	check(err)
	// Another root token, which whoever started this knows.
	created, err := core.HandleRequest(ctx, &logical.Request{
		Operation:   logical.UpdateOperation,
		ClientToken: initialized.RootToken,
		Path:        "auth/token/create",
		Data:        map[string]interface{}{"id": token, "policies": []string{"root"}, "no_parent": true},
	})
	check(err)
	check(created.Error())
	listener, err := net.Listen("tcp", address)
	check(err)
	handler := vaulthttp.Handler(&vault.HandlerProperties{Core: core, MaxRequestSize: vaulthttp.DefaultMaxRequestSize})
	if len(os.Args) == 5 {
		log.Fatal(http.ServeTLS(listener, handler, os.Args[3], os.Args[4]))
	}
	log.Fatal(http.Serve(listener, handler))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
